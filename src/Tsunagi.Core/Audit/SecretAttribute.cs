namespace Tsunagi.Core.Audit;

/// <summary>A member whose value never leaves the program: not in the audit, not in a log line, not in an answer that shows before and after.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
