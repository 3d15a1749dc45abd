namespace Tsunagi.Core.Catalogue;

/// <summary>
/// A member of a settings record in Japanese, beside its English name and [Description]. The schema carries it as x-title-ja and x-description-ja; forms
/// and pages show it to Japanese readers.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class JapaneseAttribute(string title, string? description = null) : Attribute
{
    public string Title => title;

    public string? Description => description;
}
