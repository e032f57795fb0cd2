// Returns the least contrast of a text with what is behind it, and the text.
const channels = color => color.match(/[\d.]+/g).map(Number);
const linear = value => value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
const ground = element => {
  for (; element; element = element.parentElement) {
    const color = channels(getComputedStyle(element).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
const holdsText = element =>
  element.tagName === "INPUT" || [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
let least = [21, ""];
for (const element of [...document.querySelectorAll("body *")].filter(holdsText)) {
  const text = luminance(channels(getComputedStyle(element).color));
  const behind = luminance(ground(element));
  const contrast = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
  if (contrast < least[0]) least = [contrast, element.textContent || element.value];
}
return least;
