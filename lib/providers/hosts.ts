/** Who serves a call, by host: `llm.provider`. A host that is not listed (a proxy, localhost) says nothing. */

/** host, or a domain with a leading dot for everything below it */
const HOSTS: ReadonlyArray<readonly [string, string]> = [
  ['api.openai.com', 'openai'], ['api.anthropic.com', 'anthropic'],
  ['.openai.azure.com', 'azure'], ['.cognitiveservices.azure.com', 'azure'], ['.services.ai.azure.com', 'azure'], ['models.inference.ai.azure.com', 'azure'], ['.cognitive.microsoft.com', 'azure'],
  ['.amazonaws.com', 'aws'], ['.api.aws', 'aws'],
  ['generativelanguage.googleapis.com', 'google'], ['.googleapis.com', 'google'],
  ['api.groq.com', 'groq'], ['api.together.xyz', 'together'], ['api.together.ai', 'together'], ['api.deepseek.com', 'deepseek'], ['api.x.ai', 'xai'],
  ['api.mistral.ai', 'mistralai'], ['api.cohere.com', 'cohere'], ['api.cohere.ai', 'cohere'], ['api.perplexity.ai', 'perplexity'],
  ['api.cerebras.ai', 'cerebras'], ['api.fireworks.ai', 'fireworks'], ['.moonshot.ai', 'moonshot'], ['.moonshot.cn', 'moonshot'], ['api.kimi.com', 'moonshot'],
  ['api.z.ai', 'zai'], ['.minimax.io', 'minimax'], ['.minimaxi.com', 'minimax'], ['ollama.com', 'ollama'],
  ['openrouter.ai', 'openrouter'], ['router.huggingface.co', 'huggingface'], ['.aliyuncs.com', 'alibaba'], ['api.xiaomimimo.com', 'xiaomi'],
  ['api.venice.ai', 'venice'], ['.githubcopilot.com', 'github_copilot'], ['models.github.ai', 'github'], ['.pollinations.ai', 'pollinations'],
  ['gateway.ai.cloudflare.com', 'cloudflare'], ['api.cloudflare.com', 'cloudflare'], ['ai-gateway.vercel.sh', 'vercel'], ['.baseten.co', 'baseten'],
  ['.doubleword.ai', 'doubleword'], ['api.ai21.com', 'ai21'], ['.databricks.com', 'databricks'], ['.azuredatabricks.net', 'databricks'],
];

/** @param url absolute; anything else names nobody */
export function providerOf(url: string): string | undefined {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return HOSTS.find(([name]) => name.startsWith('.') ? host.endsWith(name) : host === name)?.[1];
}
