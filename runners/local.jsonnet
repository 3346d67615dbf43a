// What this machine offers, read once when the runner starts: `lightex runner start local`.
{
  name: 'local',
  executor: { kind: 'process' },  // plain processes of this user: no Docker, no cluster

  // Labels that experiments ask for by `runs_on`. Implied ones need no mention: the operating
  // system and architecture (linux, x64), the executor's kind (process), this name (local), and
  // `python` where python3 is found.
  // labels: ['gpu'],

  // The machine's own processors and memory, unless said:
  // capacity: { cpus: 4, memory: '8Gi' },

  watch: { remote: 'origin', poll: '15s' },

  // A commit is code that runs here with your rights: only from these branches.
  trust: { branches: ['main'] },
}
