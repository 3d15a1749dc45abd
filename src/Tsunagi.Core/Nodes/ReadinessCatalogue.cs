namespace Tsunagi.Core.Nodes;

/// <summary>Every reason for not being ready that the modules of this process declare.</summary>
public sealed class ReadinessCatalogue(IEnumerable<ReadinessDeclaration> declarations)
{
    private readonly Dictionary<string, ReadinessDeclaration> _byCode = declarations.ToDictionary(static d => d.Code, StringComparer.Ordinal);

    /// <summary>Null for a code of a module that runs on other nodes only.</summary>
    public ReadinessDeclaration? Find(string code) => _byCode.GetValueOrDefault(code);
}
