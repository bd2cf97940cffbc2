/** The finest resolution whose cells are distinct at a zoom: some dozen pixels across. */
export function resolutionAt(zoom: number, resolutions: readonly number[]): number {
  const wanted = zoom >= 14 ? 10 : zoom >= 11.2 ? 9 : 8;
  const fitting = resolutions.filter((res) => res <= wanted);
  return fitting.length ? Math.max(...fitting) : Math.min(...resolutions);
}
