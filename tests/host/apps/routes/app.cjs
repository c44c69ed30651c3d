const { app } = require('@azure/functions');

let number = 0;

/** A function under `route` that tells its name and the values of its route. */
function tell(route, options = {}) {
  number += 1;
  const name = options.name ?? `route${number}`;
  app.http(name, {
    authLevel: options.authLevel ?? 'anonymous',
    methods: options.methods ?? ['GET'],
    route,
    handler: (request) => ({ jsonBody: { route, params: request.params } }),
  });
}

for (const type of ['int', 'guid', 'alpha', 'bool', 'datetime', 'decimal', 'long']) {
  tell(`type/${type}/{value:${type}}`);
}
tell('limits/length/{value:length(2,4)}');
tell('limits/exact/{value:length(3)}');
tell('limits/min/{value:min(10)}');
tell('limits/max/{value:max(10)}');
tell('limits/range/{value:range(1,5)}');
tell('limits/long/{value:minlength(3)}');
tell('limits/short/{value:maxlength(3)}');
tell(String.raw`limits/regex/{value:regex(^\d{{3}}-\d{{2}}$)}`);
tell('optional/{a}/{b:int?}');
tell('default/{a=first}/{b:int=2}');
tell('rest/{*path}');
tell('files/{name}.{extension?}');
tell('who/{any}');
tell('who/{number:int}');
tell('who/literal');
tell('who/{*everything}');
tell('verbs', { methods: ['GET', 'HEAD', 'OPTIONS', 'DELETE'] });
tell('secured', { name: 'Secured', authLevel: 'function', methods: ['GET', 'POST'] });
tell('other', { name: 'other', authLevel: 'function' });
tell('odd/{id:nonsense}', { name: 'odd' });

app.http('slow', {
  authLevel: 'anonymous',
  handler: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { body: 'done at last' };
  },
});
