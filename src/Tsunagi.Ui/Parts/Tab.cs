namespace Tsunagi.Ui.Parts;

/// <summary>One of a page's <see cref="Tabs"/>.</summary>
public sealed record Tab(string Key, string Href, string Label, string? Count = null);
