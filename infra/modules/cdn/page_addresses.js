// The page routes its own addresses, and all of them are index.html. What a page loads has one of the
// endings that `perfleet serve` knows, too; an address that a person opens may hold the dots of a
// version. Rewriting here, and not by an answer to errors, leaves the API's errors what they are.
var ENDINGS = [
  'html', 'js', 'mjs', 'css', 'wasm', 'json', 'map', 'webmanifest', 'svg', 'md', 'txt', 'png', 'ico', 'woff2',
];

function handler(event) {
  var request = event.request;
  var file = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  var dot = file.lastIndexOf('.');
  var ending = dot < 0 ? '' : file.substring(dot + 1);
  if (ENDINGS.indexOf(ending) < 0) {
    request.uri = '/index.html';
  }
  return request;
}
