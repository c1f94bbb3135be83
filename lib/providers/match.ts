/** How a call of a dialect is recognised in the page: data only, read by the shim before any body is touched. */
export interface Match {
  /** the dialect's id, also its file's name */
  dialect: string;
  method: 'POST';
  /** ends of the URL's path, without query, trailing slashes ignored: any host and prefix, so that a proxy is caught */
  pathEnds: readonly string[];
  /** top-level keys that the JSON body must have (looked for as text, `"key"`) */
  bodyKeys: readonly string[];
  /** keys of the outermost object, `"key"`, which together say "this is a call" at any path: one of each list. Empty: the
   *  path must match */
  shape: ReadonlyArray<readonly string[]>;
}
