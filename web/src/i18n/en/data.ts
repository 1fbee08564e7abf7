// The shape of this part: a text, or a function of what stands in it.
export default {};
