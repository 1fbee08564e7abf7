import data from "./data";
import desk from "./desk";
import shell from "./shell";

const texts = { shell, desk, data };
export type Texts = typeof texts;
export default texts;
