// From schemas/ by `npm run gen`. Do not edit.

export type Cells = {}[];
/**
 * A program and its arguments; no shell reads it.
 *
 * @minItems 1
 */
export type Argv = [string, ...string[]];
/**
 * Labels that a runner must all carry.
 */
export type Strings = string[];
/**
 * Why a run is not succeeded: closed, so that retry.on and SQL can use it.
 */
export type RunReason =
  | "exit"
  | "signal"
  | "oom"
  | "timeout"
  | "cancelled"
  | "lost"
  | "evicted"
  | "preempted"
  | "image"
  | "unschedulable"
  | "setup"
  | "disk"
  | "infra"
  | "requeue"
  | "config";
/**
 * Globs: what of the tree can change the result.
 */
export type Strings1 = string[];
export type Strings2 = string[];
export type ReportBlock =
  | SummaryBlock
  | BestBlock
  | CurvesBlock
  | ParamsBlock
  | DiffBlock
  | FailuresBlock
  | RunsBlock
  | TextBlock
  | TableBlock
  | ChartBlock;
/**
 * Metrics to draw; without it the objective's and those most logged.
 */
export type Strings3 = string[];
export type ExecutorKind = "process" | "docker" | "kubernetes" | "dummy";
export type RunStatus =
  | "queued"
  | "claimed"
  | "starting"
  | "running"
  | "collecting"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "timed_out"
  | "lost";

export interface SchemaFiles {
  experiment?: ExperimentFile;
  project?: ProjectFile;
  runner?: RunnerFile;
  report?: ReportFile;
  executorKind?: ExecutorKind;
  runStatus?: RunStatus;
  runReason?: RunReason;
}
/**
 * One file under experiments/.
 */
export interface ExperimentFile {
  $schema?: string;
  /**
   * Lower-case letters, digits, dot, dash, underscore; starts with a letter or digit.
   */
  name: string;
  description?: string;
  /**
   * Hyper-parameters: any JSON, nested.
   */
  params?: {};
  /**
   * Axes by dotted parameter name, or an array of one-axis objects where their order matters.
   */
  matrix?: Axes | Axes1[];
  include?: Cells;
  exclude?: Cells;
  /**
   * An axis over params.seed; reports aggregate over it.
   */
  seeds?: number[];
  objective?: Objective;
  command: Argv;
  image?: string;
  resources?: Resources;
  runs_on?: Strings;
  /**
   * A number and a unit: 90s, 10m, 1h30m.
   */
  timeout?: string;
  retry?: {
    attempts?: number;
    on?: RunReason[];
  };
  code?: Strings1;
  /**
   * Items: A path inside the workspace: no leading slash, no step out of it.
   */
  link?: string[];
  /**
   * Items: A path inside the workspace: no leading slash, no step out of it.
   */
  artifacts?: string[];
  /**
   * Path in the working directory -> volume.
   */
  data?: {
    [k: string]: string;
  };
  env?: {
    [k: string]: string;
  };
  /**
   * The built-in comparison, or the name of a file in reports/.
   */
  report?: string;
  /**
   * What starts it; {} means by hand only.
   */
  on?: {
    push?: {
      branches?: Strings2;
      paths?: Strings2;
    };
  };
  priority?: number;
  max_parallel?: number;
}
export interface Axes {
  [k: string]: unknown[];
}
export interface Axes1 {
  [k: string]: unknown[];
}
/**
 * The metric that decides, and which value of its curve counts.
 */
export interface Objective {
  metric: string;
  goal: "minimize" | "maximize";
  of?: "last" | "best";
}
export interface Resources {
  cpus?: number;
  /**
   * Bytes with Kubernetes' suffixes: 512Mi, 4Gi.
   */
  memory?: string;
  gpus?: number;
}
/**
 * lightex.jsonnet: settings of a workspace.
 */
export interface ProjectFile {
  $schema?: string;
  /**
   * Folder of the run history, from the workspace's root or absolute.
   */
  store?: string;
  /**
   * Merged under every experiment: objects merge, arrays are replaced.
   */
  defaults?: {};
  limits?: {
    /**
     * Trials of one experiment.
     */
    trials?: number;
  };
}
/**
 * One file under runners/: what one daemon offers.
 */
export interface RunnerFile {
  $schema?: string;
  /**
   * Lower-case letters, digits, dot, dash, underscore; starts with a letter or digit.
   */
  name: string;
  labels?: Strings2;
  executor?: {
    kind: "process";
  };
  capacity?: Resources;
  max_parallel?: number;
  /**
   * Volume -> absolute path on this machine.
   */
  volumes?: {
    [k: string]: string;
  };
  watch?: {
    remote?: string;
    /**
     * A number and a unit: 90s, 10m, 1h30m.
     */
    poll?: string;
  };
  trust?: {
    branches: Strings2;
  };
  /**
   * Variables of the runner's own environment that pass to runs.
   */
  env?: string[];
}
/**
 * One file under reports/.
 */
export interface ReportFile {
  $schema?: string;
  title: string;
  question?: string;
  /**
   * Which runs: an experiment, and a SQL condition over the view runs.
   */
  from?: {
    /**
     * Lower-case letters, digits, dot, dash, underscore; starts with a letter or digit.
     */
    experiment?: string;
    where?: string;
  };
  /**
   * Parameters whose values make one configuration, and the one that repeats it.
   */
  group?: {
    by?: Strings2;
    over?: string;
  };
  objective?: Objective;
  /**
   * Parameters of the configuration that others are compared with.
   */
  baseline?: {};
  /**
   * Parameter -> scale of its axes.
   */
  scales?: {
    [k: string]: "linear" | "log";
  };
  /**
   * Blocks from top to bottom.
   *
   * @minItems 1
   */
  layout?: [ReportBlock, ...ReportBlock[]];
}
export interface SummaryBlock {
  block: "summary";
}
export interface BestBlock {
  block: "best";
  top?: number;
}
export interface CurvesBlock {
  block: "curves";
  metrics?: Strings3;
  /**
   * Most points of a curve; more are put into buckets, extremes kept.
   */
  points?: number;
}
export interface ParamsBlock {
  block: "params";
  params?: Strings2;
}
export interface DiffBlock {
  block: "diff";
  top?: number;
}
export interface FailuresBlock {
  block: "failures";
}
export interface RunsBlock {
  block: "runs";
}
export interface TextBlock {
  block: "text";
  title?: string;
  /**
   * Plain text; an empty line starts a paragraph.
   */
  text: string;
}
export interface TableBlock {
  block: "table";
  title: string;
  sql: string;
}
export interface ChartBlock {
  block: "chart";
  title: string;
  /**
   * One SELECT over the views.
   */
  sql: string;
  /**
   * Vega-Lite without data.
   */
  spec: {};
  /**
   * What the picture shows, in words.
   */
  alt: string;
}
