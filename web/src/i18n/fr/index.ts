import desk from "./desk";
import shell from "./shell";
import type { Frame } from "../en";

const texts: Frame = { shell, desk };
export default texts;
