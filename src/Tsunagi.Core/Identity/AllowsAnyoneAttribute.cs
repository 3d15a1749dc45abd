namespace Tsunagi.Core.Identity;

/// <summary>On a page or endpoint that is for everyone: signing in, health, the API's own description.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AllowsAnyoneAttribute : Attribute, IAccessRule
{
    public string? Permission => null;

    public bool Anonymous => true;
}
