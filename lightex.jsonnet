// Settings of this workspace: its folder is the root that all paths are relative to.
// Everything here has a default, so an empty object is valid too.
{
  // Where run history is kept, from this folder or absolute:
  // store: '.lightex/store',

  // Merged under every experiment; what an experiment says itself wins:
  // defaults: { resources: { cpus: 1 } },

  limits: {
    trials: 10000,  // one experiment's matrix may not be larger: an error, never a silent cut
  },
}
