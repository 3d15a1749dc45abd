using System.Text;
using System.Xml;

namespace Tsunagi.BackOffice.Bank.Camt;

/// <summary>
/// Reads ISO 20022 camt.053 (bank to customer statement), versions 02 to 13: what differs between them (Sts as text or code, Dbtr/Nm or Dbtr/Pty/Nm) is read either way.
/// Read as a stream, without DTD, entities or anything outside the file; one booking at a time is held. Pure; never throws.
/// </summary>
/// <remarks>
/// A file's way:
/// (1) The root and its namespace say that it is camt.053.
/// (2) Each Stmt gives account, dates and balances, then its bookings one by one (<see cref="CamtStatement"/>).
/// (3) Opening and closing balance of each statement are held against its bookings.
/// </remarks>
public static class CamtFile
{
    internal const int MaxDepth = 32;

    private const string Namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";

    public static bool TryParse(ReadOnlySpan<byte> file, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var reading = new BankReading(limits);
        var read = new List<BankStatement>();
        if (file.Length > limits.MaxFileBytes)
        {
            reading.End(1, 1, $"the file has {file.Length} octets, at most {limits.MaxFileBytes} are read");
        }
        else
        {
            Read(file.ToArray(), reading, read);
        }

        statements = reading.IsSound ? read : [];
        faults = reading.Faults;
        return reading.IsSound;
    }

    private static void Read(byte[] file, BankReading reading, List<BankStatement> statements)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersFromEntities = 1_024, MaxCharactersInDocument = reading.Limits.MaxFileBytes,
            IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true,
        };
        try
        {
            using var stream = new MemoryStream(file, writable: false);
            using var xml = XmlReader.Create(stream, settings);

            // :: Step 1
            if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "Document" || !xml.NamespaceURI.StartsWith(Namespace, StringComparison.Ordinal))
            {
                reading.End(CamtNode.LineOf(xml), CamtNode.ColumnOf(xml), $"the root is {xml.LocalName} of {(xml.NamespaceURI.Length == 0 ? "no namespace" : xml.NamespaceURI)}, not Document of {Namespace}…");
                return;
            }

            // :: Step 2
            while (!reading.IsOver && xml.Read())
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "Stmt", IsEmptyElement: false } && CamtStatement.Read(xml, reading) is { } statement)
                {
                    statements.Add(statement);
                }
            }

            if (statements.Count == 0 && reading.IsSound)
            {
                reading.End(1, 1, "the file has no statement");
            }
        }
        catch (XmlException problem)
        {
            reading.End(Math.Max(1, problem.LineNumber), Math.Max(1, problem.LinePosition), $"no well-formed XML: {problem.Message}");
        }
        catch (Exception problem) when (problem is DecoderFallbackException or ArgumentException or NotSupportedException)
        {
            reading.End(1, 1, $"the encoding cannot be read: {problem.Message}");
        }
    }
}
