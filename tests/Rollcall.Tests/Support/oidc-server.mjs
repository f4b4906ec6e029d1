// A real OpenID Connect provider that misbehaves on request. Prints one line of JSON with its port. People and clients
// are registered with POST /test/…; a person's "variant" selects what is wrong with their token or answer.
import crypto from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';

const people = new Map();
const rsa = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (pair, kid) => ({ ...pair.privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' });
const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const own = rsa();
const other = rsa();
const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const published = [jwkOf(own, 'first')];
const secretNames = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
const publicOf = (jwk) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !secretNames.includes(name)));

const server = http.createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [],
  jwks: { keys: published },
  cookies: { keys: [crypto.randomBytes(16).toString('hex')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
  pkce: { required: () => true },
  ...(process.argv[2] ? { clientAuthMethods: [process.argv[2]] } : {}),
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  ttl: { AuthorizationCode: 60, AccessToken: 300, IdToken: 3600, Interaction: 600, Session: 600, Grant: 600 },
  // Consent is a page of its own, which says nothing about us: it is given at once.
  async loadExistingGrant(ctx) {
    const { provider, client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  findAccount(ctx, id) {
    const person = people.get(id);
    return person && { accountId: id, claims: async () => ({ sub: id, ...person.claims }) };
  },
});
provider.on('server_error', (ctx, error) => console.error(error));

const sign = (header, claims, key = own.privateKey) => {
  const input = `${b64(header)}.${b64(claims)}`;
  const options = {
    RS256: key,
    PS256: { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    ES256: { key, dsaEncoding: 'ieee-p1363' },
  }[header.alg];
  return `${input}.${crypto.sign('sha256', Buffer.from(input), options).toString('base64url')}`;
};
const hmac = (header, claims, secret) => {
  const input = `${b64(header)}.${b64(claims)}`;
  return `${input}.${crypto.createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const now = () => Math.floor(Date.now() / 1000);
const without = (claims, name) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

/** With these the user info is not asked, which would refuse another subject by itself. */
const complete = { email: 'person@example.org', given_name: 'Jo', family_name: 'Bloggs' };

/** What is wrong with each variant's token: header and claims of the right one in, a token out. */
const variants = {
  'alg none': (h, c) => `${b64({ ...h, alg: 'none' })}.${b64(c)}.`,
  'alg None with a signature': (h, c) => `${b64({ ...h, alg: 'None' })}.${sign(h, c).split('.').slice(1).join('.')}`,
  'HS256 with the public key': (h, c) =>
    hmac({ ...h, alg: 'HS256' }, c, own.publicKey.export({ type: 'spki', format: 'pem' })),
  'HS256 with the client secret': (h, c, client) => hmac({ ...h, alg: 'HS256' }, c, client.clientSecret),
  'another key': (h, c) => sign(h, c, other.privateKey),
  'unknown kid': (h, c) => sign({ ...h, kid: 'unknown' }, c, other.privateKey),
  'jwk in the header': (h, c) => sign({ ...h, jwk: publicOf(jwkOf(other, h.kid)) }, c, other.privateKey),
  'jku in the header': (h, c) => sign({ ...h, kid: 'theirs', jku: `${issuer}/test/jwks` }, c, other.privateKey),
  'x5u and x5c in the header': (h, c) => sign({ ...h, x5u: `${issuer}/test/x5u`, x5c: ['AAAA'] }, c, other.privateKey),
  'ES256 where the key is RSA': (h, c) => sign({ ...h, alg: 'ES256' }, c, ec.privateKey),
  'a critical header': (h, c) => sign({ ...h, crit: ['b64'], b64: false }, c),
  'signature cut short': (h, c) => sign(h, c).slice(0, -8),
  'claims changed after signing': (h, c) => {
    const [header, , signature] = sign(h, c).split('.');
    return [header, b64({ ...c, email: 'changed@example.org' }), signature].join('.');
  },
  'claims twice': (h, c) => {
    const input = `${b64(h)}.${b64(JSON.stringify(c).replace('{', '{"sub":"another person",'))}`;
    return `${input}.${crypto.sign('sha256', Buffer.from(input), own.privateKey).toString('base64url')}`;
  },
  expired: (h, c) => sign(h, { ...c, exp: now() - 90 }),
  'no exp': (h, c) => sign(h, without(c, 'exp')),
  'issued in the future': (h, c) => sign(h, { ...c, iat: now() + 90 }),
  'no iat': (h, c) => sign(h, without(c, 'iat')),
  'not before a later time': (h, c) => sign(h, { ...c, nbf: now() + 90 }),
  'another audience': (h, c) => sign(h, { ...c, aud: 'another' }),
  'no audience': (h, c) => sign(h, without(c, 'aud')),
  'several audiences without azp': (h, c) => sign(h, { ...c, aud: [c.aud, 'another'] }),
  'several audiences with azp': (h, c) => sign(h, { ...c, aud: [c.aud, 'another'], azp: c.aud }),
  'another azp': (h, c) => sign(h, { ...c, azp: 'another' }),
  'another issuer': (h, c) => sign(h, { ...c, iss: 'https://evil.example' }),
  'issuer with a slash': (h, c) => sign(h, { ...c, iss: `${c.iss}/` }),
  'no nonce': (h, c) => sign(h, without(c, 'nonce')),
  'another nonce': (h, c) => sign(h, { ...c, nonce: 'another' }),
  'no subject': (h, c) => sign(h, { ...without(c, 'sub'), ...complete }),
  'empty subject': (h, c) => sign(h, { ...c, sub: '', ...complete }),
  'subject is a number': (h, c) => sign(h, { ...c, sub: 7, ...complete }),
  'asked long ago': (h, c) => sign(h, { ...c, auth_time: now() - 3600 }),
  'no token': () => undefined,
  'not a token': () => 'not.a.token',
  // Right ones, so that the allow-list is seen to allow.
  PS256: (h, c) => sign({ ...h, alg: 'PS256', kid: 'pss' }, c),
  ES256: (h, c) => sign({ ...h, alg: 'ES256', kid: 'curve' }, c, ec.privateKey),
  'a little expired': (h, c) => sign(h, { ...c, exp: now() - 30 }),
  'a little in the future': (h, c) => sign(h, { ...c, iat: now() + 30 }),
  'audience in a list': (h, c) => sign(h, { ...c, aud: [c.aud], azp: c.aud }),
  'a new key': (h, c) => {
    if (!published.some((key) => key.kid === 'second')) {
      published.push(jwkOf(other, 'second'));
    }
    return sign({ ...h, kid: 'second' }, c, other.privateKey);
  },
  'two addresses in the token': (h, c) => sign(h, { ...c, email: 'in-the-token@example.org' }),
};

provider.use(async (ctx, next) => {
  if (ctx.path === '/jwks') { // asked for again, it has what was published since
    const pss = { ...publicOf(jwkOf(own, 'pss')), alg: 'PS256' };
    const curve = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'curve', use: 'sig' };
    ctx.body = { keys: [...published, pss, curve].map(publicOf) };
    return;
  }
  await next();
  const person = people.get(ctx.oidc?.account?.accountId ?? ctx.oidc?.entities?.Account?.accountId);
  if (!person) {
    return;
  }
  const variant = person.variant;
  if (ctx.oidc.route === 'token' && ctx.body?.id_token && variant in variants) {
    const parts = ctx.body.id_token.split('.').slice(0, 2);
    const [header, claims] = parts.map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    ctx.body = { ...ctx.body, id_token: variants[variant](header, claims, ctx.oidc.client) };
  } else if (ctx.oidc.route === 'token' && variant === 'token answer is HTML') {
    ctx.type = 'html';
    ctx.body = '<h1>Hello</h1>';
  } else if (ctx.oidc.route === 'token' && variant === 'token endpoint fails') {
    ctx.status = 500;
  } else if (ctx.oidc.route === 'userinfo' && variant === 'user info about another person') {
    ctx.body = { ...ctx.body, sub: 'another' };
  } else if (ctx.oidc.route === 'userinfo' && variant === 'user info without a subject') {
    ctx.body = without(ctx.body, 'sub');
  }
});

const read = async (request) => {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
};
const answer = (response, value) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const handle = provider.callback();
server.on('request', async (request, response) => {
  if (request.method === 'POST' && request.url === '/test/people') {
    const { sub, ...person } = await read(request);
    people.set(sub, person);
    answer(response, {});
  } else if (request.method === 'POST' && request.url === '/test/clients') {
    const client = await read(request);
    await provider.Client.adapter.upsert(client.client_id, client);
    answer(response, {});
  } else if (request.url === '/test/jwks') {
    answer(response, { keys: [publicOf(jwkOf(other, 'theirs'))] });
  } else {
    handle(request, response);
  }
});

process.stdout.write(JSON.stringify({ port: server.address().port }) + '\n');
process.stdin.on('end', () => process.exit()).resume(); // Ends with the test run, however that ends.
