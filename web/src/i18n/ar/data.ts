import type en from "../en/data";

const texts: typeof en = {};
export default texts;
