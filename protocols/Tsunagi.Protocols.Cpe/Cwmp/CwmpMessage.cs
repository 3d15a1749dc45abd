using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>The content of a SOAP body: a request, a response or a fault.</summary>
public abstract record CwmpMessage
{
    private protected CwmpMessage() { }

    /// <summary>The name of the element in the body ("GetParameterValuesResponse").</summary>
    public virtual string Method => GetType().Name;

    /// <summary>Whether it answers a request.</summary>
    public virtual bool IsResponse => Method.EndsWith("Response", StringComparison.Ordinal);

    private protected virtual void WriteFields(XmlOut output)
    {
    }

    internal void Write(XmlOut output)
    {
        output.Start("cwmp:" + Method);
        WriteFields(output);
        output.End("cwmp:" + Method);
    }
}

/// <summary>A method this library does not know: an ACS answers it with fault 8000 (TR-069 A6 A.5.2).</summary>
/// <param name="Name">As it was written.</param>
public sealed record UnknownMethod(string Name) : CwmpMessage
{
    /// <inheritdoc/>
    public override string Method => Name;
}
