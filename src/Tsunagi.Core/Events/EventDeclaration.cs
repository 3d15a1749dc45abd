using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Events;

/// <summary>One type of event a module may write: its typed name with version, and what it means to the operator.</summary>
/// <param name="Type">"mail.message.accepted@1": module, noun, what happened, version of the data's shape.</param>
/// <param name="Severity">How an operator should take it.</param>
/// <param name="Meaning">One sentence: what happened.</param>
/// <param name="NextStep">One sentence: what to do, or null when nothing is to be done.</param>
public sealed record EventDeclaration(string Type, EventSeverity Severity, LocalizedText Meaning, LocalizedText? NextStep = null);

public enum EventSeverity
{
    Info,
    Notice,
    Warning,
    Error,
}
