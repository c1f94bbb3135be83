/** A name that stands in the path of a URL, as people write it: `bad%20model` is "bad model". */
export function pathName(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return name;
  }
}
