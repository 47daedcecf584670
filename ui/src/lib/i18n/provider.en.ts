/** The page of one provider. */
export const providerEn = {
  clear: {
    title: 'The key would travel in clear',
    ask: (host: string) =>
      `This address begins with http. Your key and your words would go to ${host} readable to everybody on the way.`,
    better: 'With https they are encrypted. The same address with https is:',
    https: 'Use https instead',
    send: 'Send it in clear',
    badge: 'in clear',
    warning: (host: string) => `The key travels to ${host} readable to everybody on the way.`,
  },
};
