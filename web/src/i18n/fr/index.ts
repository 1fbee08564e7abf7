import data from "./data";
import desk from "./desk";
import shell from "./shell";
import type { Texts } from "../en";

const texts: Texts = { shell, desk, data };
export default texts;
