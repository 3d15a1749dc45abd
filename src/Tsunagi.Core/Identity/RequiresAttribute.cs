namespace Tsunagi.Core.Identity;

/// <summary>On a page: <c>@attribute [Requires("mail.trace.read")]</c>; without an argument, any signed-in caller.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequiresAttribute(string? permission = null) : Attribute, IAccessRule
{
    public string? Permission => permission;

    public bool Anonymous => false;
}
