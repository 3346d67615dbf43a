/** What a machine has, for a runner's implied labels and capacity. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `linux`, `macos`, … */
  readonly os: string;
  /** `x64`, `arm64`, … */
  readonly arch: string;
  readonly hasPython: boolean;
}
