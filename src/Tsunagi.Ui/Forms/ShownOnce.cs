namespace Tsunagi.Ui.Forms;

/// <summary>A secret that the page /console/once shows, once.</summary>
/// <param name="Note">What to do with it, and until when it is good.</param>
/// <param name="Back">The page to go on to.</param>
public sealed record ShownOnce(string Title, string Secret, string Note, string Back);
