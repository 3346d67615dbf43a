local lx = import 'lightex/v1.libsonnet';

lx.report {
  title: 'How small can the penguin classifier be?',
  question: 'Which learning rate and width reach the best validation accuracy, and how much do they differ between seeds?',
  from: { experiment: 'penguins' },
  objective: { metric: 'val/accuracy', goal: 'maximize', of: 'best' },
  scales: { lr: 'log' },
  layout: [
    lx.summary(),
    lx.best(10),
    lx.curves(['val/accuracy', 'val/loss', 'train/loss']),
    lx.params(),
    lx.chart({
      title: 'Accuracy by width and learning rate',
      sql: |||
        SELECT h.number AS hidden, l.value AS lr, avg(s.max) AS accuracy
        FROM chosen r
        JOIN params h ON h.run_id = r.run_id AND h.key = 'model.hidden'
        JOIN params l ON l.run_id = r.run_id AND l.key = 'lr'
        JOIN metrics_summary s ON s.run_id = r.run_id AND s.key = 'val/accuracy'
        WHERE r.status = 'succeeded'
        GROUP BY ALL ORDER BY hidden, lr
      |||,
      spec: {
        mark: { type: 'line', point: true },
        encoding: {
          x: { field: 'hidden', type: 'ordinal', title: 'hidden units' },
          y: { field: 'accuracy', type: 'quantitative', title: 'best validation accuracy', scale: { zero: false } },
          color: { field: 'lr', type: 'nominal', title: 'learning rate' },
        },
      },
      alt: 'Mean of the best validation accuracy against the number of hidden units, one line per learning rate.',
    }),
    lx.diff(),
    lx.failures(),
    lx.runs(),
  ],
}
