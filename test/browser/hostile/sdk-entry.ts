/** The real SDKs, for pages of these tests. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

Object.assign(globalThis, { Anthropic, OpenAI });
