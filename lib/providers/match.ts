/** How a call of a dialect is recognised in the page: data only, read by the shim before any body is touched. */
export interface Match {
  /** the dialect's id, also its file's name */
  dialect: string;
  method: 'POST';
  /** ends of the URL's path, without query, trailing slashes ignored: any host and prefix, so that a proxy is caught */
  pathEnds: readonly string[];
  /** `"key"`s of the outermost object that the JSON body must have: one of each list */
  bodyKeys: ReadonlyArray<readonly string[]>;
  /** the same, which together say "this is a call" at any path. Empty: the path must match */
  shape: ReadonlyArray<readonly string[]>;
}
