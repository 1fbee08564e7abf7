// uPlot and its few rules, in a chunk of their own: loaded when there is something to draw.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export { uPlot };
