namespace Tsunagi.Protocols.Mail.Milter;

/// <summary>What the mail server says to the filter; the values are the octets of the protocol.</summary>
public enum MilterCommand : byte
{
    /// <summary>Abort this message; the connection goes on.</summary>
    Abort = (byte)'A',
    /// <summary>A piece of the body.</summary>
    Body = (byte)'B',
    /// <summary>A client connected.</summary>
    Connect = (byte)'C',
    /// <summary>Macros for the command that follows.</summary>
    Macro = (byte)'D',
    /// <summary>The message ended: the filter decides.</summary>
    EndOfBody = (byte)'E',
    /// <summary>HELO or EHLO.</summary>
    Helo = (byte)'H',
    /// <summary>The session ended and another follows on the same connection.</summary>
    QuitNewConnection = (byte)'K',
    /// <summary>A header field.</summary>
    Header = (byte)'L',
    /// <summary>MAIL.</summary>
    Mail = (byte)'M',
    /// <summary>The header section ended.</summary>
    EndOfHeader = (byte)'N',
    /// <summary>Versions and options.</summary>
    Negotiate = (byte)'O',
    /// <summary>The connection ends.</summary>
    Quit = (byte)'Q',
    /// <summary>RCPT.</summary>
    Rcpt = (byte)'R',
    /// <summary>DATA.</summary>
    Data = (byte)'T',
    /// <summary>A command that the server does not know.</summary>
    Unknown = (byte)'U',
}
