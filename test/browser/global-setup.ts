/** Before any browser test: the demo app is built from the sources as they are. */
export { buildDemo as setup } from '../lab/build-demo.ts';
