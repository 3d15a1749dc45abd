namespace Tsunagi.Ui.Layout;

/// <summary>The permission a page asks for: <c>@attribute [Needs("mail.trace.read")]</c>. Who lacks it sees what to ask for, and 403.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAttribute(string permission) : Attribute
{
    public string Permission => permission;
}
