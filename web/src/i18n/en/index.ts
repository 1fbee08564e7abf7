import type data from "./data";
import desk from "./desk";
import shell from "./shell";

// What every page needs. The part called data comes with the pages that show it.
const texts = { shell, desk };
export type Frame = typeof texts;
export type Data = typeof data;
export type Texts = Frame & { data: Data };
export default texts;
