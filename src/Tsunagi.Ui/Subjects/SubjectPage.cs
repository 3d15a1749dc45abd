namespace Tsunagi.Ui.Subjects;

/// <summary>Which page shows things of a kind: <c>new("m", "/console/mail/messages/{0}", …)</c>. Modules add theirs to the container.</summary>
/// <param name="Kind">The kind at the head of an id ("m").</param>
/// <param name="Href">Its page, or null where a thing is shown on the page of its tenant.</param>
/// <param name="Icon">Tabler icon of the kind.</param>
public sealed record SubjectPage(string Kind, string? Href, string Icon, Core.Modules.LocalizedText Name);
