import { fieldsOf, numberOf, textOf, type Fields } from 'boternity';

/** Under this name the identity server tells of the account. */
const ACCOUNT_CLAIM = 'https://api.openai.com/auth';

/** Which account a token is of; empty where it does not say. */
export function accountOf(token: string): string {
  const claims = claimsOf(token);
  return textOf(fieldsOf(claims[ACCOUNT_CLAIM]).chatgpt_account_id) || textOf(claims.chatgpt_account_id);
}

/** When a token ends, in milliseconds since 1970; undefined where it does not say. */
export function endOf(token: string): number | undefined {
  const seconds = numberOf(claimsOf(token).exp);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** What a token says of itself. Its signature is not looked at: it came from the identity server, and only that believes it. Source: RFC 7519. */
function claimsOf(token: string): Fields {
  try {
    return fieldsOf(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
