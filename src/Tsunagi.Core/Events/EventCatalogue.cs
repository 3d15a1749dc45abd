using System.Collections.Frozen;

namespace Tsunagi.Core.Events;

/// <summary>Every event type the modules declared. Writing an undeclared type is an error of ours and is refused.</summary>
public sealed class EventCatalogue(IEnumerable<EventDeclaration> declarations)
{
    private readonly FrozenDictionary<string, EventDeclaration> _byType = declarations.ToFrozenDictionary(static d => d.Type);

    public IEnumerable<EventDeclaration> All => _byType.Values.OrderBy(static d => d.Type, StringComparer.Ordinal);

    public EventDeclaration? Find(string type) => _byType.GetValueOrDefault(type);

    /// <exception cref="ArgumentException">No module declares the type.</exception>
    public EventSeverity SeverityOf(string type) =>
        _byType.TryGetValue(type, out var declaration) ? declaration.Severity : throw new ArgumentException($"no module declares the event type {type}", nameof(type));
}
