/** The program that travels in every document. It only hands its one function to whoever unpacked it. */

import { mount } from "./mount";
import { registry } from "./registry";

registry().mount = mount;
