/**
 * Credentials with an unmistakable shape that the rule set does not know, or knows less of. Every pattern is bounded, so that
 * no text makes it slow.
 */
export const ownRules: Readonly<Record<string, RegExp>> = {
  // Also keys of few bytes, and those with headers between the first line and the key.
  'private-key': /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|\s){1,4}(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n|\r?\n){0,8}[A-Za-z0-9+/=]{24}/g,
  'json-web-token': /\beyJ[\w-]{10,400}\.eyJ[\w-]{10,4000}\.[\w-]{20}/g,
  'google-api-key': /\bAIza[\w-]{35}(?![\w-])/g,
  pypi: /\bpypi-AgE[\w-]{50}/g,
  digitalocean: /\bdo[opr]_v1_[0-9a-f]{64}\b/g,
  'azure-storage': /\bAccountKey=[A-Za-z0-9+/]{86}==/g,
  'discord-webhook': /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,80}/g,
  mailgun: /\bkey-[0-9a-f]{32}\b/g,
  telegram: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g,
}
