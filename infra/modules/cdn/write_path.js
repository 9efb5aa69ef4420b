// What is no read comes by a path of its own, and the api function knows one path for both. Reads that
// come this way would pass by the cache.
function handler(event) {
  var request = event.request;
  if (request.method !== 'POST') {
    return {
      statusCode: 405,
      statusDescription: 'Method Not Allowed',
      headers: { allow: { value: 'POST' }, 'cache-control': { value: 'no-store' } },
    };
  }
  request.uri = request.uri.replace(/^\/write/, '');
  return request;
}
