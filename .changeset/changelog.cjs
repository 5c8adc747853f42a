// How a changeset becomes an entry of a changelog: what users are told, without commits and without versions of our own
// packages, which are all the same.

module.exports = {
  getReleaseLine: async ({ summary }) => `- ${summary.trim().replaceAll(/\n(?=.)/g, '\n  ')}`,
  getDependencyReleaseLine: async () => '',
};
