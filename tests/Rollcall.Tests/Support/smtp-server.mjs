// A real SMTP server that misbehaves on request. Options are one JSON argument; one JSON line leaves for the port, then
// one per message. What goes wrong is chosen by the recipient: rcpt451@, rcpt550@, data451@, data554@, drop@ (after the
// final dot), hang@ (for ever).
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const options = JSON.parse(process.argv[2] ?? '{}');
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const refusal = (code) => Object.assign(new Error('refused by the test'), { responseCode: Number(code) });
const localPart = (address) => address.address.split('@')[0];

const server = new SMTPServer({
  key: options.key,
  cert: options.cert,
  disabledCommands: options.startTls ? [] : ['STARTTLS'],
  authOptional: !options.password,
  allowInsecureAuth: true,
  onAuth: (auth, session, done) =>
    auth.password === options.password ? done(null, { user: auth.username }) : done(new Error('wrong password')),
  onMailFrom: (address, session, done) => done(options.mailFrom ? refusal(options.mailFrom) : null),
  onRcptTo: (address, session, done) => {
    const code = /^rcpt(\d+)$/.exec(localPart(address))?.[1];
    done(code ? refusal(code) : null);
  },
  onData: async (stream, session, done) => {
    const chunks = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
    }
    const to = localPart(session.envelope.rcptTo[0]);
    const code = /^data(\d+)$/.exec(to)?.[1];
    if (code) {
      done(refusal(code));
      return;
    }
    const raw = Buffer.concat(chunks);
    const mail = await simpleParser(raw);
    say({
      raw: raw.toString('latin1'),
      secure: session.secure,
      user: session.user ?? null,
      envelopeFrom: session.envelope.mailFrom.address,
      envelopeTo: session.envelope.rcptTo.map((r) => r.address),
      headers: mail.headerLines.map((h) => h.key),
      subject: mail.subject,
      from: mail.from.value,
      to: mail.to.value,
      replyTo: mail.replyTo.value,
      messageId: mail.messageId,
      date: mail.date,
      autoSubmitted: mail.headers.get('auto-submitted'),
      contentType: mail.headers.get('content-type').value,
      text: mail.text,
      html: mail.html,
      attachments: mail.attachments.length,
    });
    if (to === 'drop') {
      [...server.connections].find((c) => c.session === session)._socket.destroy();
    } else if (to !== 'hang') {
      done();
    }
  },
});

server.on('error', () => {}); // Clients that hang up are what is tested.
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
process.stdin.on('end', () => process.exit()).resume(); // Ends with the test run, however that ends.
