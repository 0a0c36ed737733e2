// A web server that says who it is and who asked: `node server.js NAME PORT`.
const { createServer } = require('node:http');

const [name, port] = process.argv.slice(2);
const server = createServer((request, response) => {
  response.end(`${name} here, you come from ${request.socket.remoteAddress}\n`);
});
server.listen(Number(port), '0.0.0.0', () => console.log(`${name} listens on port ${port}`));
