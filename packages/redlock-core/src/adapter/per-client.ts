/** What is made of a client once, however many nodes are made of it. */
export function perClient<Client extends object, Made>(
  make: (client: Client) => Made,
): (client: Client) => Made {
  const made = new WeakMap<Client, Made>();
  return (client) => {
    const known = made.get(client);
    if (known !== undefined) return known;
    const fresh = make(client);
    made.set(client, fresh);
    return fresh;
  };
}
