using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Nodes;

/// <summary>One reason a module may give for not being ready. docs/20-operate/faults.md has a row for each.</summary>
/// <param name="Code">"mail.spool.paused": module, part, what is with it.</param>
/// <param name="Meaning">One sentence: what is the case.</param>
/// <param name="NextStep">One sentence: what to do.</param>
public sealed record ReadinessDeclaration(string Code, LocalizedText Meaning, LocalizedText NextStep);
