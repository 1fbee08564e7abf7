import en from "../en/desk";

const texts: typeof en = en;
export default texts;
