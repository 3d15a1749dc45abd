namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>Why something is no STIX that is read here.</summary>
/// <param name="Object">The identifier of the object, as far as it has one; empty for the document as a whole.</param>
/// <param name="Problem">One sentence without a stop.</param>
public readonly record struct StixError(string Object, string Problem)
{
    /// <summary>For people.</summary>
    public override string ToString() => string.IsNullOrEmpty(Object) ? Problem : $"{Object}: {Problem}";
}
