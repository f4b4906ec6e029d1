using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Rollcall.SignIn;

/// <summary>Whence a request comes, as far as tries are counted: one IPv4 address, or the /64 that one IPv6 household has (RFC 6177).</summary>
internal static class Network
{
    public static string Of(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]).ToString()
            : address.ToString();
    }
}
