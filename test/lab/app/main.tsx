import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './clients.ts';
import './style.css';

const root = document.getElementById('root');
const config = await (await fetch('/config.json')).json() as { models: string };
const asked = Number(new URLSearchParams(location.search).get('speed'));
if (root) createRoot(root).render(<App clients={connect(config.models, asked > 0 ? asked : 1)} />);
