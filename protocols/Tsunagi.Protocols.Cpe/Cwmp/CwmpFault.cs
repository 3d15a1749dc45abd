using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>A request was not done (TR-069 A6 3.5, A.5).</summary>
/// <param name="Code">9000 to 9032 from a device, 8000 to 8006 from an ACS, 9800 to 9899 of a vendor.</param>
/// <param name="Text">For people.</param>
public sealed record CwmpFault(int Code, string Text) : CwmpMessage
{
    /// <summary>Which parameters a SetParameterValues failed for, each with its own code (9003).</summary>
    public IReadOnlyList<ParameterFault> Parameters { get; init; } = [];

    /// <summary>Whose fault SOAP says it is: "Client" or "Server".</summary>
    public string SoapCode { get; init; } = "Client";

    /// <inheritdoc/>
    public override string Method => "Fault";

    /// <inheritdoc/>
    public override bool IsResponse => true;

    /// <summary>The standard's name of a code ("Invalid parameter name"); empty for a code it does not have.</summary>
    public static string NameOf(int code) => code switch
    {
        8000 or 9000 => "Method not supported",
        8001 or 9001 => "Request denied",
        8002 or 9002 => "Internal error",
        8003 or 9003 => "Invalid arguments",
        8004 or 9004 => "Resources exceeded",
        8005 => "Retry request",
        8006 => "ACS version incompatible with CPE",
        9005 => "Invalid parameter name",
        9006 => "Invalid parameter type",
        9007 => "Invalid parameter value",
        9008 => "Attempt to set a non-writable parameter",
        9009 => "Notification request rejected",
        9010 => "File transfer failure",
        9011 => "Upload failure",
        9012 => "File transfer server authentication failure",
        9013 => "Unsupported protocol for file transfer",
        9014 => "Unable to join multicast group",
        9015 => "Unable to contact file server",
        9016 => "Unable to access file",
        9017 => "Unable to complete download",
        9018 => "File corrupted or otherwise unusable",
        9019 => "File authentication failure",
        9020 => "Unable to complete download within specified time windows",
        9021 => "Cancelation of file transfer not permitted",
        9022 => "Invalid UUID format",
        9023 => "Unknown execution environment",
        9024 => "Disabled execution environment",
        9025 => "Mismatch between deployment unit and execution environment",
        9026 => "Duplicate deployment unit",
        9027 => "System resources exceeded",
        9028 => "Unknown deployment unit",
        9029 => "Invalid deployment unit state",
        9030 => "Downgrade of deployment unit not permitted",
        9031 => "Update of deployment unit not permitted: not specified",
        9032 => "Update of deployment unit not permitted: version exists",
        _ => "",
    };

    internal void WriteFault(XmlOut output)
    {
        output.Start("soap-env:Fault");
        output.Field("faultcode", SoapCode);
        output.Field("faultstring", "CWMP fault");
        output.Raw("<detail><cwmp:Fault>"u8);
        output.Field("FaultCode", Code);
        output.Field("FaultString", Text);
        foreach (var parameter in Parameters)
        {
            output.Start("SetParameterValuesFault");
            output.Field("ParameterName", parameter.Name);
            output.Field("FaultCode", parameter.Code);
            output.Field("FaultString", parameter.Text);
            output.End("SetParameterValuesFault");
        }

        output.Raw("</cwmp:Fault></detail>"u8);
        output.End("soap-env:Fault");
    }

    // Where the detail lies differs between devices; that there is a FaultCode does not. Without one it is a fault of SOAP itself.
    internal static CwmpFault Read(XmlNode node)
    {
        var detail = node.Child("detail")?.Find("FaultCode") is not null ? Holder(node.Child("detail")!) : null;
        var soap = node.Word("faultcode");
        return new CwmpFault(detail is null ? 0 : CwmpFields.Int(detail, "FaultCode"), detail?.Word("FaultString") ?? node.Word("faultstring"))
        {
            SoapCode = soap[(soap.LastIndexOf(':') + 1)..] is { Length: > 0 } code ? code : "Client",
            Parameters =
            [
                .. detail?.Children.Where(static child => child.IsNamed("SetParameterValuesFault"))
                    .Select(static child => new ParameterFault(child.Word("ParameterName"), CwmpFields.Int(child, "FaultCode"), child.Word("FaultString"))) ?? [],
            ],
        };
    }

    private static XmlNode? Holder(XmlNode node) => node.Child("FaultCode") is not null ? node : node.Children.Select(Holder).FirstOrDefault(static found => found is not null);
}

/// <summary>Why one parameter of a SetParameterValues could not be set (TR-069 A6 A.3.2.1).</summary>
/// <param name="Name">The path.</param>
/// <param name="Code">9005 to 9008 and others.</param>
/// <param name="Text">For people.</param>
public sealed record ParameterFault(string Name, int Code, string Text);
